import a, b, cat

print(a, b, cat)
