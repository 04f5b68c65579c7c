"""What the text of the model is written in: records, words and the order of what happens at one instant."""
