"""What the figures in the documentation are measured with: `make bench`, one JSON line a figure."""
