"""Answers for people: what a terminal shows."""
