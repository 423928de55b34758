"""Templates of dataset cards (package data)."""
