def total(prices):
    sum = 0
    for price in prices:
        sum += price
    print(sum)
    return sum
