describe("a", () => {
  expect(spy).called(
    1,
  )
/* note */
  wait(empty)
  check(second)
  expect(spy).calledWith(
    1,
  )
})
