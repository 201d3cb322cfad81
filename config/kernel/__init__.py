"""What every app builds on: steps, set-based writes, money, actors, errors; it names no app."""
