# b.py
b = 1
