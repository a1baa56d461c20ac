--- first
-- empty
-- 
DELETE FROM x;
