x = 'they return value here'
