"""What an answer or a scenario becomes outside: files for people and other tools."""
