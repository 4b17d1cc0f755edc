"""Conversations: Telegram in, screens out. One folder per feature; `features()` is the list of them."""
