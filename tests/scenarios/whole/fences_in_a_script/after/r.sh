#!/bin/sh
cat > notes <<'END'
```
npm i
```
END
