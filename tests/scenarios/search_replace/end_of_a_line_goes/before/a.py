x = f()  # old note
y = 1
