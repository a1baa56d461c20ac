--- first
-- drop
-- 
DROP TABLE x;
