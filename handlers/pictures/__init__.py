"""Pictures of the club: plain facts and finished words in, PNG bytes out.

Nothing here reads a clock, a database or a catalogue, and the same input always gives the same bytes,
so a picture may be cached under its arguments and sent again by Telegram's file id.
"""
