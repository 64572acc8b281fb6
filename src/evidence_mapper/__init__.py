"""Find the evidence in school documents and place it in Estyn's school improvement framework."""

__version__ = "0.1.0"
