print('Hello, wrold!')
