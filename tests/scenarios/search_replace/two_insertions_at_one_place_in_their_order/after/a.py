alpha = 1
gamma = 3
delta = 4
epsilon = 5
beta = 2
