s = "it’s"
t = 2
