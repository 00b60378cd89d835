"""One vocabulary for many vendors: what is sent, what came of it, and what they report later."""
