"""An email: its document, the HTML and the text made from it, and what is to say about both."""
