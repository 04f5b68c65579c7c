"""The rules of a serving system: how batches form, which server is chosen, how long a batch takes."""
