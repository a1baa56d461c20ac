import a, b, c, cat

print(a, b, cat)
