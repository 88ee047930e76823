<?php
// For php -S: /simplesaml/… is the folder of the package, with PATH_INFO behind the names of scripts.
$www = '/usr/share/simplesamlphp/www';
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (strncmp($path, '/simplesaml/', 12) !== 0 || strpos($path, '..') !== false) {
	http_response_code(404);
	return true;
}
$path = substr($path, 11);
if (preg_match('#^(/.*?\.php)(/.*)?$#', $path, $m) && is_file($www . $m[1])) {
	$_SERVER['SCRIPT_NAME'] = '/simplesaml' . $m[1];
	$_SERVER['SCRIPT_FILENAME'] = $www . $m[1];
	$_SERVER['PHP_SELF'] = '/simplesaml' . $path;
	unset($_SERVER['PATH_INFO']);
	if (isset($m[2])) {
		$_SERVER['PATH_INFO'] = $m[2];
	}
	chdir(dirname($www . $m[1]));
	require $www . $m[1];
	return true;
}
$types = ['css' => 'text/css', 'js' => 'text/javascript', 'png' => 'image/png', 'svg' => 'image/svg+xml', 'woff2' => 'font/woff2'];
if (is_file($www . $path)) {
	header('Content-Type: ' . ($types[pathinfo($path, PATHINFO_EXTENSION)] ?? 'application/octet-stream'));
	readfile($www . $path);
	return true;
}
http_response_code(404);
return true;
