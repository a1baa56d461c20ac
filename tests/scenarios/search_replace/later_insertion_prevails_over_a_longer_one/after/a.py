import os
import re
x = 2
