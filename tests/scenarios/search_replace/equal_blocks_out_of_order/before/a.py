a = 1
log('busy')
b = 2
log('busy')
c = 3
