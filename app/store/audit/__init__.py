"""What must hold in a database, asked with statements over whole tables.

Each function yields one line for each thing that is wrong, "what: how", without end if need be:
whoever asks keeps a few and counts the rest. The `mend_...` functions return how many they mended.
"""
