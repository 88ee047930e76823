<?cs include:"_macros.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/admin/idp"><?cs var:T.Idp.title ?></a> <span aria-hidden="true">/</span> <a href="/admin/idp/<?cs var:Idp.id ?>"><?cs var:Idp.name ?></a></p>
      <h1><?cs var:Idp.end_title ?></h1>
      <p class="head-sub"><?cs var:T.Idp.end_text ?></p>
    </header><?cs call:form_errors() ?>
    <div class="prose"><ul><?cs
each:x = Ends ?>
      <li><?cs var:x.text ?></li><?cs
/each ?>
    </ul></div>
    <p><?cs var:T.Idp.end_after ?></p>
    <form class="form" method="post" action="/admin/idp/<?cs var:Idp.id ?>/remove">
      <?cs call:csrf() ?>
      <div class="actions"><button class="button bad"><?cs var:T.Idp.end_send ?></button> <a href="/admin/idp/<?cs var:Idp.id ?>"><?cs var:T.Idp.end_no ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
