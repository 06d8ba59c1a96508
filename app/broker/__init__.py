"""Ringing workers by a message broker. A message says "look": the database says what is due."""
