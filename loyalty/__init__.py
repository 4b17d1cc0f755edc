"""The rules of the club. Imports the standard library only."""
