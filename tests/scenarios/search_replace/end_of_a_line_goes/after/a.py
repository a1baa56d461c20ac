x = f()
y = 1
