"""Thousands of broadcasts: found in any order, copied, archived, and who has one open."""
