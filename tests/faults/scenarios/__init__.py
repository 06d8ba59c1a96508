"""One scenario a file: what is done to a stack, so many times, while models are handed in."""
