<?php
function f($all)
{
    foreach ($all as $one) {
        continue;
    }

    $urls = null;
    if (count($all)) {
        return 1;
    }
}
