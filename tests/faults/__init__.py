"""Kill, stop, empty and fill up; see that nothing is lost: python -m tests.faults."""
