set -e
cat > conf.ini <<'EOF'
[a]
EOF
echo done
