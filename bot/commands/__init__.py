"""The commands of `python -m bot`: each file reads its words, asks the desk and prints."""
