"""What happens around every answer: errors outermost, then who speaks and in which language, then the role."""
