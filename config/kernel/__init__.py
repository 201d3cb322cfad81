"""What every app builds on: steps over sets of rows, set-based writes, money, actors and errors; it names no app."""
