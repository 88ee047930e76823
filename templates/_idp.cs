<?cs # Fields of the pages of an identity provider. ?><?cs
def:optional(f, label, hint, max) ?><?cs call:field(f, label, hint) ?><input type="text" id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>" maxlength="<?cs var:max ?>" autocapitalize="none" spellcheck="false"<?cs call:described(f, hint) ?>>
        </div><?cs
/def ?><?cs

# Where its metadata comes from: an address, or a file that is sent along ?><?cs
def:source() ?><?cs
call:field(Form.source, T.Field.source, T.Idp.source_hint) ?><input type="url" id="source" name="source" value="<?cs var:Form.source.value ?>" maxlength="1000"<?cs call:described(Form.source, T.Idp.source_hint) ?>>
        </div><?cs
call:field(Form.file, T.Field.file, T.Idp.file_hint) ?><input type="file" id="file" name="file" accept=".xml,application/samlmetadata+xml,application/xml,text/xml"<?cs call:described(Form.file, T.Idp.file_hint) ?>>
        </div><?cs
if:Idp.file_again ?>
        <p class="error"><?cs var:T.Idp.file_again ?></p><?cs /if ?><?cs
/def ?><?cs
def:signer() ?><?cs
call:field(Form.cert, T.Field.cert, T.Idp.cert_hint) ?><textarea id="cert" name="cert" rows="3" spellcheck="false"<?cs call:described(Form.cert, T.Idp.cert_hint) ?>>
<?cs var:Form.cert.value ?></textarea>
        </div><?cs
/def ?>
