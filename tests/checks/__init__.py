"""What every CHECK of the database refuses, tried on rows of a working company."""
