test("one", () => {
  parse({
    v: 2,
  });
  done();
});
