"""What the tests are written with: a chat, a clock, databases. Everything in it is real but time and chance."""
