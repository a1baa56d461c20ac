describe("a", () => {
  expect(spy).called(
    1,
  )
/* note */
  wait(empty)
  check(first)
  expect(spy).called(
    1,
  )
})
