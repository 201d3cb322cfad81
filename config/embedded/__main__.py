"""``python -m config.embedded``: run the whole system."""

import sys

from config.embedded.supervisor import main

if __name__ == "__main__":
    sys.exit(main())
