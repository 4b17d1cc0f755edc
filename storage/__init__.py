"""What is kept: SQLAlchemy Core, synchronous, on worker threads. One module per noun: its tables and its repository."""
