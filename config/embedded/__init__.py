"""The whole system on one machine: database and broker from wheels, web, worker and scheduler.

Used by ``make run`` and by the tests when no real servers are named. Nothing here is needed in
production.
"""
