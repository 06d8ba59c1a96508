"""The compiled inner loops of trees: plain functions of arrays, the only import of numba.

Importing this package costs half a second and 60 MB, so others import its modules inside the
functions that need them. What a kernel compiled to is kept beside its file, or in numba's cache
folder where that cannot be written, and compiled anew when the file changes.
"""
