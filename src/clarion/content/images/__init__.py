"""Pictures that mails show: checked, kept once, served to everybody."""
