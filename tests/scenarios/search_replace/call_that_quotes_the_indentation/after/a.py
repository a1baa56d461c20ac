def f():
    x = 2
    if x:
        x = 1
