"""Turns the authored sources of the sample schools into documents and their true text."""
