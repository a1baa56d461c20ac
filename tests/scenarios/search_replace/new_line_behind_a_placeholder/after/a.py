def total(prices):
    assert prices
    sum = 0
    for price in prices:
        sum += price
    print(sum)
    sum = round(sum, 2)
    return sum
