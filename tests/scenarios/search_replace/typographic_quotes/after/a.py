s = "it’s"
t = 3
