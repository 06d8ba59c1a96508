"""The only import of faiss: inner-product search over rows of length 1.

Searching while another thread adds crashes faiss, so an index is built whole and never changed.
"""
